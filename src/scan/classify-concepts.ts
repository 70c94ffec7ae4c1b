/**
 * Concepts: what a word means for the question "does this text try to take a model over, or data out?", in the languages that prompts are
 * commonly written in. They are what lets a model that learnt from one wording, or one language, know another.
 */

/** Words of each concept. `*` ends a prefix; words without it are exact. Scripts written without spaces stand in {@link RUNS}. */
const WORDS = {
  ignore:
    'ignor* disregard* forget forgets forgot neglect overrul* overrid* bypass* skip drop discard* abandon* cancel* vergiss vergesse* missacht* uberspring* überspring* oublie* oubli ignorez negliger ignora ignorar ignore olvid* omit* descart* esque* dimentic* trascur* scarta* забуд* игнор* пренебрег* zapomn* zignor* unut* yoksay görmezden vergeet negeer* abaikan lupakan أهمل تجاهل تجاهلي انس bỏ अनदेखा भूल अनदेखी नजरअंदाज नज़रअंदाज़ উপেক্ষা 무시 무시하고 무시해 잊어 잊고 잊어버려 glöm ignorera ξεχασε αγνοησε',
  prior:
    'previous previously prior earlier preceding above foregoing before former past existing vorherig* vorig* bisherig* obig* oben früher* fruher* precedent* précédent* ci-dessus anterior* previ* anteriormente sopra предыдущ* предшествующ* выше прежн* poprzedni* powyższ* önceki yukarıdaki vorige eerdere sebelumnya السابقة السابق أعلاه trước पिछले पिछली पूर्व पहले 이전 이전의 앞의 위의 tidigare προηγουμενες',
  instruct:
    'instruct* directive* guideline* rule rules order orders command commands prompt prompts assignment* requirement* anweisung* vorgabe* regel regeln befehl* richtlin* consigne* règle* regle* directives ordre* instrucc* instruç* regla* orden órdenes ordenes istruzion* regol* direttiv* comando* инструкц* указан* правил* команд* polecen* zasad* talimat* kural* aanwijzing* regels instruksi perintah aturan تعليمات التعليمات أوامر قواعد hướng lệnh निर्देश* आदेश* नियम* 지시 지시를 지침 지침을 명령 명령을 규칙 instruktioner οδηγιες',
  prompt:
    'prompt prompts preprompt systemprompt systemprompts metaprompt systemanweisung* systemaufforderung промпт* промт* 프롬프트 프롬프트를 प्रॉम्प्ट invite aufforderung* eingabeaufforderung prompten موجه istem istemi',
  hidden:
    'system initial initially hidden internal secret original confidential undisclosed backend private developer core base underlying verbatim interne interner internen versteckt* geheim* ursprünglich* initiale* caché* secrète* secret interno interna ocult* inicial* original* nascost* segret* iniziale* системн* скрыт* секретн* внутренн* исходн* начальн* ukryt* tajn* początkow* gizli sistem iç verborgen geheime tersembunyi rahasia سرية السرية النظام مخفية bí ẩn hệ गुप्त छिपे सिस्टम प्रारंभिक 시스템 숨겨진 비밀 초기 내부 hemliga',
  reveal:
    'reveal* show shows disclose* expose* leak* divulge* display* dump* print prints tell share list recite* quote* reproduc* unveil* spill zeig* zeige verrat* offenbar* nenne nenn gib ausgeben montre* révèle* revele* affiche* divulgue* dis dites donne* muestra* revela* dime dame enseña* imprime* mostra* diga conte dimmi rivela* mostrami stampa* elenca* покаж* раскр* скажи назови выведи сообщи pokaż* ujawni* podaj göster* söyle açıkla yazdır toon onthul vertel tunjukkan ungkapkan beritahu اعرض اكشف أظهر أخبرني اطبع tiết hiển दिखा* बता* प्रकट 보여줘 보여주세요 알려줘 알려주세요 말해줘 공개 출력 출력해 visa avslöja',
  say: 'say says output outputs respond* answer* reply* write writes repeat* return* print type state declare translate summarize summarise sag sage schreib* antworte* wiederhol* übersetz* répond* repond* répète* repete* écris* ecris* traduis* responde* repite* escribe* diga repita escreva* traduz* rispondi* ripeti* scrivi* скажи ответь повтор* напиши переведи odpowiedz powtórz napisz cevap yanıtla tekrarla zeg antwoord herhaal schrijf jawab ulangi tulis أجب كرر اكتب trả viết nói lặp लिख* दोहरा* उत्तर जवाब कह 말해 답해 대답 반복 써줘 번역',
  secret:
    'password* passwd passphrase passcode* passkey* credential* apikey* secret secrets token tokens pin pins otp private_key id_rsa keychain vault env cookie cookies cvv passwort* kennwort* zugangsdaten geheimnis* mot_de_passe identifiants contraseña* contrasena* clave claves credenciales secreto* senha* credenciais segredo* credenziali segreto chiave пароль пароля пароли паролей секрет* токен* ключ ключи hasło hasła poświadczen* şifre* parola* wachtwoord* sandi rahasia المرور مفتاح khẩu पासवर्ड पासवर्डों गुप्त 비밀번호 비밀번호를 암호 토큰 lösenord κωδικο*',
  key: 'key keys schlüssel clé clés cle llave llaves chave chaves chiavi klucz* anahtar* sleutel* kunci',
  personal:
    'ssn ssns salary salaries payroll medical patient* diagnos* passport* iban iban account* birthdate birthday phone address addresses personal pii email emails contact contacts records record history transaction* invoices profile profiles gehalt gehälter kundendaten personenbezogen* adresse* telefonnummer* salaire* coordonnées données salario* nómina datos dirección direccion teléfono telefono dados endereço cartão tarjeta dati indirizzo зарплат* паспорт* данные данных телефон* адрес* dane danych maaş veriler gegevens data بيانات व्यक्तिगत डेटा 개인정보 개인 급여',
  others:
    'customer* employee* users people colleague* client clients everyone everybody staff tenant tenants subscriber* member members neighbour* ceo coworker* kunden mitarbeiter* benutzer nutzer* utilisateur* client* employé* usuarios clientes empleado* funcionário* utenti clienti dipendent* пользовател* клиент* сотрудник* użytkownik* klient* kullanıcı* müşteri* gebruiker* klanten pengguna pelanggan المستخدمين العملاء उपयोगकर्ता* ग्राहक* 사용자 고객 직원',
  send: 'send sends sending email mail forward* post upload* transmit* submit* exfiltrat* deliver* transfer* beam smuggle append attach curl wget fetch ping publish copy bcc send_email schick* sende* senden übermittle* weiterleit* hochlad* envoie* envoy* transmet* transfér* téléverse* envía* envia* enviar manda* reenvía* publica* invia* inoltra* spedisci carica отправ* перешл* пошли загруз* wyślij prześlij gönder* ilet yükle stuur verzend doorstuur kirim* unggah teruskan أرسل ارسل gửi भेज* 보내 보내줘 전송 전송해 전달 skicka',
  encode:
    'encode* encoded base64 base32 rot13 hex hexadecimal binary morse cipher* caesar encrypt* obfuscat* reversed reverse backwards leetspeak ascii urlencod* percent spell kodier* verschlüssel* rückwärts encod* codifi* codific* rovescia encripta* закодир* зашифр* наоборот koduj* zakoduj* kodla* şifrele* codeer* أشفر mã एन्कोड 인코딩 인코딩해',
  decode:
    'decode* decoded decrypt* deciphe* unscrambl* decipher* dekodier* entschlüssel* décod* decod* decif* decodifi* расшифр* декодир* zdekoduj* çöz* فك giải डिकोड 디코딩 해독',
  follow:
    'follow follows obey* comply* complies execute* perform* carry adhere* befolg* folge ausführ* suis suivez obéis* execut* exécut* sigue* obedece* siga obedeça segui* esegui* ubbidisci следуй* выполн* подчин* wykonaj* uygula* volg voer ikuti اتبع نفذ làm पालन 따라 따르 실행 실행해',
  not: "not no never dont don't doesnt cannot cant wont without isnt arent shouldnt mustnt nicht kein keine niemals nie ohne ne pas jamais sans aucun no nunca sin ningún não nunca sem non mai senza не никогда без нет nie nigdy bez değil asla olmadan niet nooit zonder jangan tanpa tidak لا بدون không đừng नहीं मत बिना 않고 마 말고 없이",
  must: 'must always absolutely mandatory required shall immediately important critical urgent strictly müssen musst immer sofort wichtig unbedingt dois devez toujours immédiatement debes debe siempre inmediatamente importante deve devi sempre subito должен обязан* всегда немедленно важно musisz zawsze natychmiast zorunda daima hemen moet altijd harus selalu segera يجب फौरन तुरंत 반드시 항상 즉시',
  you: 'you u ya yourself youre thou du sie dir dich ihnen tu vous toi te ti usted tú você voce lei ty вы ты вас тебя wy sen siz jij je u kamu anda أنت bạn तुम आप 당신 너 당신은',
  your: 'your yours ur dein deine deiner deinen ihre ihren ton ta tes votre vos tu tus su sus seu seus sua suas tuo tuoi tua tue vostri твои твой твоя твоих ваш* twoje twój twoich senin jouw uw mu لك của तुम्हारे आपके आपकी अपने अपनी 당신의 너의 네',
  user: 'user human person reader recipient operator owner nutzer benutzer utilisateur usuario usuário utente пользователь użytkownik kullanıcı gebruiker pengguna المستخدم उपयोगकर्ता 사용자 사용자에게',
  tellof:
    'tell inform* mention* notify notifying alert* disclose warn acknowledge reveal admit erwähn* sag informier* mentionne* dis informe* menciona* avis* menzion* dire упомин* сообщай* говори wspominaj söyleme bahsetme vertel beritahu sebutkan تخبر तुरंत 말하지 알리지',
  persona:
    'act acts acting pretend* roleplay* role-play roleplaying simulate* simulat* impersonat* imagine persona character portray embody emulate hypothetical* fictional fiction story game play becoming become tu-es spiel spiele rolle stell agis joue imagine personnage actúa actua finge simula rol personaje aja atue finja papel personagem agisci fingi ruolo immagina притвор* представь роль сыграй действуй веди udawaj wyobraź odegraj davran rol yap speel doe alsof berperan bayangkan تظاهر تخيل đóng vai अभिनय कल्पना भूमिका 역할 연기 가정해 상상해',
  mode: 'mode developer debug sudo root admin administrator maintenance diagnostic* godmode superuser unlocked activated enabled enable activate modus entwicklermodus wartungsmodus débogage développeur desarrollador depuración desenvolvedor modalità sviluppatore режим разработчик* администратор* отладк* tryb dewelopera modu geliştirici ontwikkelaar وضع المطور chế मोड डेवलपर 모드 개발자 관리자',
  limits:
    'restriction* restrict* filter* censor* limit limits limitation* boundar* ethic* moral* guardrail* safeguard* safety policy policies constraint* content openai warning* disclaimer* einschränkung* beschränkung* filter ethik ethisch* moralisch* zensur restrictions censure éthique limites restriccion* filtro* ética moral* censura restrição restrições limitazion* restrizion* etic* ограничен* фильтр* цензур* этик* моральн* ograniczen* etyk* kısıtlama* sansür etik beperking* batasan filter قيود أخلاق hạn प्रतिबंध सीमा 제한 제약 필터 윤리 검열',
  free: 'unrestricted unfiltered uncensored jailbreak* jailbroken amoral unethical immoral illegal unlimited unbound uninhibited freed liberated dan anything uneingeschränkt* ungefiltert* unzensiert* befreit débridé* illégal* libéré sinrestricciones ilimitad* ilegal* liberad* illimitat* illegal* неограничен* незаконн* свободен nieograniczon* sınırsız onbeperkt bebas غير tự',
  refuse:
    "refuse* refusal* decline* apolog* sorry cannot can't unable inappropriate verweiger* ablehn* refuse* désolé rechaz* niega* recus* rifiut* отказ* извин* odmaw* odmów* reddet* weiger* menolak रद्द 거부 거절",
  now: 'now henceforth instead new newly next onwards forward onward jetzt nun stattdessen neue neuen neuer ab maintenant désormais nouveau nouvelle* plutôt ahora adelante nuevo nueva* lugar agora vez novo nova* adesso ora invece nuovo nuova теперь сейчас вместо новая новый новые teraz zamiast nowe şimdi yerine yeni nu plaats nieuwe sekarang baru الآن جديد giờ thay mới अब नए नई 이제 대신 새로운 지금부터',
  only: 'only just simply solely exclusively nur lediglich seulement uniquement sólo solo solamente apenas somente soltanto только лишь tylko sadece alleen hanya فقط chỉ केवल सिर्फ 만 오직',
  word: 'word exact exactly literally words wort wörtlich mot exactement palabra palabras exactamente palavra parola esattamente слово дословно słowo kelimesi woord kata',
  convo:
    'conversation chat history context message messages memory session discussion transcript unterhaltung gespräch verlauf nachricht* historique contexte conversación historial mensaje* conversa histórico contesto messaggi* переписк* контекст* сообщени* история rozmow* konteks sohbet gesprek percakapan محادثة बातचीत 대화 메시지 내용',
  doc: 'document text page article paragraph review website file content comment passage snippet table dokument texte texto documento pagina página testo документ текст страниц* dokument belge metin tekst dokumen مستند दस्तावेज़ 문서 텍스트',
  image:
    'image img markdown render embed picture bild rendu imagen immagine pixel iframe изображени* obraz resim afbeelding gambar صورة छवि 이미지',
  link: 'http https www url link webhook href endpoint server site lien enlace collegamento ссылк* сервер* bağlantı sunucu tautan رابط लिंक 링크 서버',
  run: 'run execute shell bash script sudo exec eval subprocess os.system rm chmod ausführen exécute ejecuta execute esegui запусти uruchom çalıştır jalankan شغل 실행',
  start:
    'begin begins beginning start starts starting first prefix opening preface anfang beginn* début commence* comienz* empieza* comece inizia начни начиная zacznij başla begin mulai ابدأ शुरू 시작',
  authority:
    'creator developer openai anthropic engineer administrator authorized authorised verified owner supervisor security audit auditor compliance official law override clearance emergency entwickler autorisiert développeur autorisé autorizado desarrollador sviluppatore autorizzato разработчик авторизован autoryzowan* yetkili beheerder berwenang',
  task: 'task tasks goal objective mission job aufgabe* tâche* tache* mission tarea* objetivo tarefa* compito obiettivo задач* задание zadani* görev* taak tugas مهمة nhiệm कार्य 작업 임무 과제',
  model:
    'ai chatbot bot assistant chatgpt gpt llm model language agent claude gemini llama sprachmodell assistent assistant modèle asistente modelo assistente modello ассистент* модель нейросет* asystent* asistan* yapay assistent asisten مساعد trợ सहायक 어시스턴트 챗봇 모델',
  why: 'how what why explain does difference best example tutorial example prevent protect defend detect mitigate avoid secure wie warum erkläre was comment pourquoi explique cómo qué explica como explicar come perché spiega как почему объясни jak dlaczego nasıl neden hoe waarom bagaimana mengapa كيف لماذا cách tại कैसे क्या क्यों 어떻게 왜 무엇',
} as const;

/** The same for scripts written without spaces: sought anywhere in a run of letters. */
const RUNS: Partial<Record<keyof typeof WORDS, string>> = {
  ignore: '忽略 忽视 無視 忘记 忘れ 忘掉 无视 不理会 跳过 เพิกเฉย ลืม ละเว้น ไม่สนใจ',
  prior: '之前 以前 以上 上面 先前 前の 上記 これまで 此前 ก่อนหน้า ข้างต้น ที่ผ่านมา',
  instruct: '指令 指示 命令 规则 規則 ルール 说明 要求 คำสั่ง คำแนะนำ กฎ',
  prompt: '提示词 提示 プロンプト 系统提示 พรอมต์ พร้อมท์',
  hidden: '系统 隐藏 秘密 内部 初始 システム 隠し 内緒 初期 機密 机密 ระบบ ซ่อน ลับ ภายใน',
  reveal: '显示 告诉 透露 展示 泄露 公开 输出 見せ 教え 表示 明かし 公開 出力 แสดง เปิดเผย บอก',
  say: '说 回答 回复 重复 打印 写出 翻译 总结 言って 答え 繰り返 書い 翻訳 พูด ตอบ ทำซ้ำ เขียน พิมพ์',
  secret: '密码 口令 密钥 令牌 凭证 パスワード 暗証 秘密鍵 トークン 認証情報 รหัสผ่าน คีย์',
  personal: '个人信息 身份证 工资 电话 地址 银行卡 病历 个人数据 個人情報 給与 住所 電話番号 ข้อมูลส่วนตัว เงินเดือน ที่อยู่',
  others: '客户 用户 员工 其他人 所有人 顧客 社員 ユーザー ลูกค้า พนักงาน ผู้ใช้',
  send: '发送 上传 转发 发给 寄给 提交 送信 送っ 転送 アップロード ส่ง อัปโหลด ส่งต่อ',
  encode: '编码 加密 反转 エンコード 暗号化 逆順 เข้ารหัส',
  decode: '解码 解密 デコード 復号 ถอดรหัส',
  follow: '执行 遵循 遵守 服从 从命 従っ 実行 守っ ปฏิบัติ ทำตาม',
  not: '不要 不得 不能 没有 不会 ないで しない なし ず ไม่ อย่า ห้าม',
  must: '必须 务必 立即 一定 必ず すぐに 絶対 ต้อง ทันที',
  you: '你 您 あなた 君 คุณ',
  user: '用户 使用者 ユーザー ผู้ใช้',
  persona: '扮演 假装 角色 模拟 想象 ふりをし 演じ ロール なりきり 仮定 สวมบทบาท แกล้ง จินตนาการ สมมติ',
  mode: '模式 开发者 管理员 モード 開発者 管理者 โหมด นักพัฒนา',
  limits: '限制 过滤 审查 道德 伦理 约束 安全准则 制限 フィルター 倫理 検閲 規制 ข้อจำกัด จริยธรรม ตัวกรอง',
  free: '无限制 不受限制 越狱 违法 自由 無制限 脱獄 違法 ไร้ข้อจำกัด',
  refuse: '拒绝 抱歉 拒否 断る 申し訳 ปฏิเสธ ขออภัย',
  now: '现在 从现在 接下来 新的 改为 今から これから 代わりに 新しい ตอนนี้ แทน ใหม่',
  only: '只 仅 だけ のみ เท่านั้น',
  convo: '对话 聊天 消息 上下文 历史 会話 履歴 メッセージ บทสนทนา ข้อความ',
  link: '链接 网址 服务器 リンク サーバー ลิงก์ เซิร์ฟเวอร์',
  task: '任务 目标 タスク 任務 งาน',
  model: '助手 模型 人工智能 机器人 アシスタント モデル ผู้ช่วย โมเดล',
  why: '如何 为什么 怎么 什么 解释 区别 どうやって なぜ 説明 方法 อย่างไร ทำไม อธิบาย',
};

export const CONCEPTS = Object.keys(WORDS) as (keyof typeof WORDS)[];
export type Concept = (typeof CONCEPTS)[number];

/** Shortest and longest prefix, and run of letters without spaces, that is looked up. */
export const PREFIX = { from: 3, to: 9 } as const;
export const RUN = { from: 1, to: 10 } as const;

/** Hash step over UTF-16 units (FNV-1a with 32 bits), so that a word's prefixes are hashed on the way. */
export function step(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}
export const SEED = 0x811c9dc5 | 0;

function hashOf(text: string): number {
  let hash = SEED;
  for (let i = 0; i < text.length; i++) hash = step(hash, text.charCodeAt(i));
  return hash;
}

/** Concepts by the hash of a word; open addressing, since a look-up is made for every word and each of its prefixes. */
class Table {
  readonly #size = 1 << 13;
  readonly #hashes = new Int32Array(this.#size);
  readonly #values: (number[] | undefined)[] = new Array(this.#size).fill(undefined);

  put(hash: number, concept: number): void {
    let slot = hash & (this.#size - 1);
    while (this.#values[slot] !== undefined && this.#hashes[slot] !== hash) slot = (slot + 1) & (this.#size - 1);
    this.#hashes[slot] = hash;
    const known = this.#values[slot];
    if (known === undefined) this.#values[slot] = [concept];
    else if (!known.includes(concept)) known.push(concept);
  }

  get(hash: number): readonly number[] | undefined {
    let slot = hash & (this.#size - 1);
    for (;;) {
      const found = this.#values[slot];
      if (found === undefined || this.#hashes[slot] === hash) return found;
      slot = (slot + 1) & (this.#size - 1);
    }
  }
}

const exact = new Table();
const prefixes = new Table();
const runs = new Table();

for (const [index, concept] of CONCEPTS.entries()) {
  for (const word of WORDS[concept].split(' ')) {
    const plain = word.replaceAll("'", '').normalize('NFC');
    if (plain.endsWith('*')) prefixes.put(hashOf(plain.slice(0, -1)), index);
    else exact.put(hashOf(plain), index);
  }
  for (const run of RUNS[concept]?.split(' ') ?? []) runs.put(hashOf(run.normalize('NFC')), index);
}

const NONE: readonly number[] = [];

/** Concepts of a word by its hash and the hashes of its prefixes, longest last; indexes into {@link CONCEPTS}. */
export function conceptsOf(word: number, prefixHashes: Int32Array, count: number): readonly number[] {
  const whole = exact.get(word);
  if (whole !== undefined) return whole;
  for (let i = count - 1; i >= 0; i--) {
    const found = prefixes.get(prefixHashes[i] as number);
    if (found !== undefined) return found;
  }
  return NONE;
}

/** Concepts of a run of letters by its hash. */
export function runConceptsOf(hash: number): readonly number[] {
  return runs.get(hash) ?? NONE;
}
