// Buildings: warm masses with plinths, cornices, whole windows at true storey height, and roofs by type.
// Everything drawn on a wall is box-filtered over the pixel's footprint, so nothing shimmers at any distance.

import { airFunctions, airUniforms, lightFunctions, noiseFunctions } from "./air.ts";

export const buildingVertex = /* glsl */ `
${airUniforms}
invariant gl_Position;
attribute vec3 position; attribute vec4 normal; attribute vec4 walls; attribute float object;
uniform mat4 world; uniform mat4 viewProjection;
uniform highp sampler2D objectTable; uniform highp sampler2D liveTable;
varying vec3 vPosition; varying vec3 vNormal; varying vec4 vWall;
flat varying vec4 vObject; flat varying vec4 vLook; flat varying float vSurface; flat varying float vLive;
void main(void){
  vec4 p=world*vec4(position,1.);
  vPosition=p.xyz; vNormal=normal.xyz; vWall=walls; vSurface=floor(normal.w*127.+.5);
  int i=int(object+.5); ivec2 at=ivec2((i&255)*2,i>>8);
  vObject=texelFetch(objectTable,at,0); vLook=texelFetch(objectTable,at+ivec2(1,0),0);
  vLive=texelFetch(liveTable,ivec2(i&255,i>>8),0).r;
  vLook.w=abs(HIGHLIGHT-object)<.5?1.:0.;
  gl_Position=viewProjection*p;
}`;

export const buildingFragment = /* glsl */ `
${airUniforms}
${noiseFunctions}
${airFunctions}
${lightFunctions}
varying vec3 vPosition; varying vec3 vNormal; varying vec4 vWall;
flat varying vec4 vObject; flat varying vec4 vLook; flat varying float vSurface; flat varying float vLive;

/* Quiet, warm, and never quite the same: paper, chalk, sand, brick dust, by use. */
vec3 wallColour(float use,float seed){
  vec3 a=vec3(.80,.765,.70),b=vec3(.74,.70,.63);
  if(use<.5){ a=vec3(.80,.74,.655); b=vec3(.70,.585,.49); }
  else if(use<1.5){ a=vec3(.815,.775,.71); b=vec3(.745,.655,.565); }
  else if(use<2.5){ a=vec3(.78,.78,.76); b=vec3(.70,.705,.70); }
  else if(use<3.5){ a=vec3(.81,.745,.66); b=vec3(.76,.69,.62); }
  else if(use<4.5){ a=vec3(.83,.79,.70); b=vec3(.78,.73,.64); }
  else if(use<5.5){ a=vec3(.79,.70,.60); b=vec3(.77,.73,.66); }
  else if(use<6.5){ a=vec3(.68,.69,.69); b=vec3(.62,.615,.60); }
  else if(use<7.5){ a=vec3(.76,.78,.79); b=vec3(.66,.69,.715); }
  else if(use<8.5){ a=vec3(.82,.77,.69); b=vec3(.74,.73,.72); }
  return mix(a,b,seed*seed)*(.94+.1*fract(seed*7.31));
}
vec3 roofTile(float seed){
  vec3 terracotta=vec3(.54,.285,.195), umber=vec3(.40,.27,.215), slate=vec3(.27,.285,.31), dusk=vec3(.46,.33,.27);
  float k=fract(seed*5.77);
  vec3 c=k<.40?terracotta:k<.62?dusk:k<.80?umber:slate;
  return c*(.88+.24*fract(seed*13.1));
}
void main(void){
  vec3 n=normalize(vNormal); vec3 view=normalize(EYE-vPosition);
  if(dot(n,view)<0.) n=-n;
  float storeyHeight=vObject.x, storeys=vObject.y, use=vObject.z, eaves=vObject.w;
  float seed=vLook.x, base=vLook.y;
  vec3 sky=bakedSky(vPosition+n*2.5);
  float above=max(vPosition.y-base,0.);
  float around=sky.g*63.75;
  float open=mix(1.,.62,clamp((around*1.25-above)/14.,0.,1.));
  vec3 albedo; vec3 glow=vec3(0.); float gloss=0.; vec3 reflected=vec3(0.); float sheltered=1.;
  bool wall=vSurface<.5;
  if(wall){
    float u=vWall.x,v=vWall.y,width=vWall.z,top=vWall.w;
    float fu=fwidth(u)+1e-4,fv=fwidth(v)+1e-4;
    float cut=min(top,eaves);
    albedo=wallColour(use,seed);
    albedo*=.975+.05*grain(vec2(u,v)*.7+seed*40.)-.02*grain(vec2(u*.3,v*3.));
    if(use<.5&&fract(seed*3.7)>.55) albedo*=mix(1.,.93,pulses(v/.28,.12,fv/.28)); /* brick courses */
    open*=mix(.58,1.,1.-exp(-(v+.15)*.75));
    /* Plinth, string course above the ground floor, cornice with its shadow. */
    /* Sheds and garden walls are timber and brick, not plaster: low things stay quiet. */
    float low=ramp(3.9,2.9,eaves)*step(storeys,1.5);
    albedo=mix(albedo,mix(vec3(.46,.385,.315),vec3(.50,.44,.37),fract(seed*5.3))*(1.-.12*pulses(u/.24,.14,fu/.24)),low*.85);
    float plinth=band(v,-3.,.55,fv); albedo=mix(albedo,albedo*.80,plinth);
    float course=band(v,storeyHeight-.12,storeyHeight+.08,fv)*step(1.5,storeys); albedo*=1.+.07*course;
    albedo*=1.-.20*band(v,storeyHeight-.20,storeyHeight-.12,fv)*step(1.5,storeys);
    float cornice=band(v,cut-.38,cut+.1,fv)*step(4.,cut); albedo=mix(albedo,albedo*1.06,cornice);
    sheltered*=1.-.28*band(v,cut-.75,cut-.38,fv)*step(4.,cut);
    /* Windows: as many whole bays as the wall holds. */
    float glassy=use>6.5&&use<7.5?1.:use>1.5&&use<2.5?.55:0.;
    float industry=abs(use-6.)<.5?1.:0.;
    float bayWidth=mix(mix(use<.5?3.1:2.7,1.7,glassy),6.,industry)*(.92+.2*fract(seed*3.1));
    float bays=max(1.,floor(width/bayWidth+.25)); float bay=max(width,.5)/bays;
    float s=floor(v/storeyHeight); float inStorey=v-s*storeyHeight;
    float whole=step(-.01,v)*step((s+1.)*storeyHeight-.35,min(cut+.2,storeys*storeyHeight+.2));
    float shop=step(s,.5)*step(2.6,storeyHeight)*((abs(use-3.)<.5)?1.:(abs(use-1.)<.5&&fract(seed*9.7)>.55)?1.:0.);
    float wide=mix(mix(mix(.42+.16*fract(seed*23.),.82,glassy),.55,industry),.86,shop);
    wide=min(wide,1.-.34/bay); if(width<1.3) wide=0.;
    float sill=mix(mix(mix(.92,.30,glassy),2.0,industry),.45,shop)*min(1.,storeyHeight/3.);
    float head=storeyHeight-mix(mix(.52,.26,glassy),.62,shop);
    float across=u/bay;
#ifdef LOW
    /* A weak machine draws the openings alone: no reveals, doors, sills or mirrored houses. */
    float glass=pulses(across,wide,fu/bay)*band(inStorey,sill,head,fv)*whole;
    vec2 id=vec2(floor(across)+floor(width*7.)*3.,s)+vec2(seed*313.,seed*97.); float r=hash2(id);
    float fresnel=.06+.94*pow(1.-max(dot(n,view),0.),4.);
    albedo=mix(albedo,vec3(.10,.10,.105)+.16*step(.62,r),glass); gloss=glass;
    reflected=mix(AMBIENT_UP*.4,HORIZON_FAR,.55)*(.34+.66*fresnel)*(.7+.5*r);
    float share=shop>.5?.85:clamp(.10+.75*vLive,0.,.92);
    glow=vec3(1.,.68,.36)*step(r,share)*glass*NIGHT*.5;
#else
    /* The reveal: the pane lies a hand's depth behind the wall, so it slides under the frame as one walks by. */
    vec3 tangent=normalize(vec3(n.z,0.,-n.x)); float facing=max(dot(n,view),.22);
    float deep=.16*ramp(.25,.02,fu);
    float slide=dot(view,tangent)/facing*deep; float slideUp=view.y/facing*deep;
    /* The tangent may run against u; derivatives tell. */
    float along=dot(vec3(dFdx(vPosition.x),dFdx(vPosition.y),dFdx(vPosition.z)),tangent)*dFdx(u)+dot(vec3(dFdy(vPosition.x),dFdy(vPosition.y),dFdy(vPosition.z)),tangent)*dFdy(u);
    slide*=along<0.?-1.:1.;
    float opening=pulses(across,wide,fu/bay)*band(inStorey,sill,head,fv)*whole;
    float pane=pulses(across-slide/bay,wide-.10/bay,fu/bay)*band(inStorey-slideUp,sill+.05,head-.05,fv)*whole*opening;
    float mullion=(glassy>.9?pulses(across*1.+.5,.05,fu/bay):pulses(across+.5-slide/bay,.055/bay*1.3,fu/bay))*(1.-shop*.6);
    float transom=band(inStorey-slideUp,mix(sill,head,.66),mix(sill,head,.66)+.06,fv)*(1.-glassy)*(1.-shop);
    float glass=pane*(1.-.85*max(mullion,transom)*ramp(.3,.03,fu));
    /* A door in one bay of a house's wider walls. */
    float doorBay=floor(fract(seed*17.+floor(width*3.)*.37)*bays);
    float isDoor=step(s,.5)*step(abs(floor(across)-doorBay),.1)*step(2.2,width)*(1.-shop)*(1.-glassy)*(1.-industry)*step(use,1.5);
    if(isDoor>.5){
      float centre=(fract(across)-.5)*bay;
      float leaf=band(centre,-.5,.5,fu)*band(v,-1.,2.15,fv), frame=band(centre,-.62,.62,fu)*band(v,-1.,2.28,fv);
      float light=band(centre,-.38,.38,fu)*band(v,1.6,2.02,fv);
      vec3 paint=mix(mix(vec3(.16,.24,.25),vec3(.34,.13,.10),step(.5,fract(seed*31.))),vec3(.15,.20,.30),step(.75,fract(seed*41.)));
      albedo=mix(albedo,vec3(.83,.80,.74),frame); albedo=mix(albedo,paint,leaf); sheltered*=mix(1.,.8,leaf);
      glass=light; opening=light; pane=light;
    } else {
      vec3 frameColour=mix(vec3(.84,.82,.77),vec3(.24,.25,.27),max(glassy,step(.72,fract(seed*11.))));
      sheltered*=1.-.45*(opening-pane)*ramp(.3,.03,fu);
      albedo=mix(albedo,frameColour,pane);
      /* Stone sill. */
      float ledge=pulses(across,wide+.16/bay,fu/bay)*band(inStorey,sill-.10,sill,fv)*whole*(1.-shop)*(1.-glassy);
      albedo=mix(albedo,albedo*1.08,ledge); sheltered*=1.-.25*pulses(across,wide+.1/bay,fu/bay)*band(inStorey,sill-.2,sill-.10,fv)*whole*(1.-shop);
    }
    float fascia=shop*band(v,storeyHeight-.58,storeyHeight-.18,fv)*step(1.3,width);
    vec3 sign=mix(vec3(.30,.36,.36),mix(vec3(.50,.25,.17),vec3(.25,.30,.42),step(.66,fract(seed*6.1))),step(.33,fract(seed*6.1)));
    albedo=mix(albedo,sign,fascia*.85);
    /* Glass: a dark room, sometimes a curtain, and the sky in it. */
    vec2 id=vec2(floor(across)+floor(width*7.)*3.,s)+vec2(seed*313.,seed*97.);
    float known=ramp(1.1,.35,max(fu/bay,fv/storeyHeight));
    float r=mix(.5,hash2(id),known),r2=mix(.5,hash2(id+51.7),known);
    float curtain=step(.62,r2)*(1.-shop)*.5*known+.12;
    vec3 room=mix(vec3(.075,.078,.08),vec3(.42,.39,.34),curtain*band(inStorey,mix(sill,head,.35*r),9.,fv));
    float fresnel=.06+.94*pow(1.-max(dot(n,view),0.),4.);
    /* What stands opposite is mirrored as a ragged skyline under the sky; every pane hangs a little askew. */
    vec3 ray=reflect(-view,n); ray.y+=(r2-.5)*.05*known; ray.xz+=(vec2(r,r2)-.5)*.03*known;
    float skyline=mix(.06,.52,clamp(around/15.-above/40.,0.,1.))*(.65+.7*grain(vec2(atan(ray.x,ray.z)*5.+seed*9.,.5)));
    float seen=ramp(skyline-.05,skyline+.05,ray.y);
    vec3 opposite=(KEY_COLOUR*.10+AMBIENT_UP*.38)*vec3(.55,.50,.44)*(.6+.6*grain(vec2(atan(ray.x,ray.z)*14.,ray.y*18.)));
    reflected=mix(opposite,skyColour(normalize(vec3(ray.x,max(ray.y,.02),ray.z)))*.95,seen)*(.34+.66*fresnel)*(.85+.3*r2);
    albedo=mix(albedo,room,glass); gloss=glass;
    /* Evening: a window is lit when its home uses power; shops and stairs follow dusk. */
    float share=clamp(.10+.75*vLive,0.,.92); if(glassy>0.) share=max(share*.6,.16); if(shop>.5) share=.85;
    float on=mix(share,ramp(share+.02,share-.02,hash2(id+7.7)),known);
    vec3 warm=mix(vec3(1.,.60,.26),mix(vec3(1.,.76,.48),vec3(.80,.88,1.),step(.86,r)*.8),r2);
    glow=warm*on*glass*NIGHT*(.55+.6*r)*(.65+.35*band(inStorey,mix(sill,head,.2),9.,fv))*.62;
    open*=mix(1.,1.+.0*on,glass);
#endif
  } else if(abs(vSurface-9.)<.5){
    /* Trim: plinths, steps, cornices, parapets, chimneys; a shade of the wall's own stone. */
    albedo=mix(wallColour(use,seed),vec3(.74,.72,.68),.35)*(.95+.07*grain(vPosition.xz*1.3+vPosition.y));
    open*=mix(.66,1.,1.-exp(-(max(above,0.)+.1)*.9));
  } else if(vSurface>7.5&&vSurface<13.5){
    /* Steel of cranes, masts and railings. */
    albedo=abs(vSurface-8.)<.5?vec3(.42,.46,.48):abs(vSurface-13.)<.5?vec3(.30,.31,.32):vec3(.70,.69,.66);
  } else if(abs(vSurface-1.)<.5){
    albedo=roofTile(seed); if(abs(use-6.)<.5||abs(use-2.)<.5) albedo=vec3(.47,.48,.49)*(.9+.2*fract(seed*3.));
    vec2 fall=normalize(n.xz+1e-5); float downhill=dot(vPosition.xz,fall)/max(n.y,.25), across=dot(vPosition.xz,vec2(-fall.y,fall.x));
    float fd=fwidth(downhill)/.36,fa=fwidth(across)/.27;
    albedo*=1.-.20*pulses(downhill/.36,.22,fd)-.07*pulses(across/.27+.5*floor(downhill/.36),.16,fa);
    float patchy=mix(.5,hash2(floor(vec2(across/.27,downhill/.36))),ramp(.8,.2,max(fd,fa)));
    albedo*=.93+.14*patchy; albedo*=.95+.1*grain(vPosition.xz*.25);
    open=max(open,.8);
  } else {
    albedo=mix(vec3(.66,.645,.61),vec3(.56,.55,.53),fract(seed*4.3));
    albedo*=.95+.09*grain(vPosition.xz*.45)+.05*(grain(vPosition.xz*6.)-.5)*ramp(.3,.05,fwidth(vPosition.x)+fwidth(vPosition.z));
    if(fract(seed*15.1)>.86&&eaves>5.) albedo=mix(albedo,vec3(.37,.42,.27)*(.8+.4*grain(vPosition.xz*.9)),.75); /* green roofs */
    if(n.y<.5) albedo=wallColour(use,seed)*.95;
    open=max(open,.84);
  }
  float sun=sunlit(vPosition,n);
  vec3 c=lit(albedo,n,open*sheltered,sun*mix(1.,sheltered,.5));
  c+=albedo*LAMPLIGHT*sky.b*ramp(8.,1.5,above)*(1.-gloss*.6);
  c+=reflected*gloss;
  vec3 halfway=normalize(view+KEY_DIRECTION);
  c+=KEY_COLOUR*gloss*sun*pow(max(dot(n,halfway),0.),220.)*2.2;
  c+=glow;
  if(vLook.w>.5){ float rim=pow(1.-abs(dot(n,view)),2.); c=mix(c,c*vec3(.78,1.0,1.18)+vec3(.05,.22,.34)*(.30+.7*rim)*(1.-.6*NIGHT),.75); }
  gl_FragColor=finished(withFog(c,vPosition),gl_FragCoord.xy);
}`;
